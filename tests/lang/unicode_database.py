import unicodedata as u
for c in 'aA1 é½Ⅷ一\ud800\u0378가\U0001F600²\uFDFA(':
    r=[ascii(c)]
    for f in 'category bidirectional combining mirrored east_asian_width decomposition'.split(): r.append(getattr(u,f)(c))
    for f in 'decimal digit numeric name'.split(): r.append(getattr(u,f)(c,None))
    print(*r)
    r=[]
    for f in 'category bidirectional combining mirrored decomposition'.split(): r.append(getattr(u.ucd_3_2_0,f)(c))
    print(*r)
print(u.lookup('LATIN SMALL LETTER E WITH ACUTE'), '\N{SNOWMAN}', ascii(u.normalize('NFD','éa')), ascii(u.normalize('NFKC','ﬁ²')), u.is_normalized('NFC','é'))
for a in [lambda:u.lookup('x'),lambda:u.name('\0'),lambda:u.category('ab'),lambda:u.category(1),lambda:u.decimal('ab'),lambda:u.digit(1),lambda:u.normalize('x',''),lambda:u.normalize('NFC',1),lambda:u.numeric('a'),]:
    try: print(a())
    except Exception as e: print(type(e).__name__,e)
print(u.unidata_version,u.ucd_3_2_0.unidata_version,type(u.ucd_3_2_0))
print('ａbc.example'.encode('idna'), 'bücher'.encode('idna'))

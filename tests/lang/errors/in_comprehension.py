values = [1, 0]
print({v: [10 // w
           for w in values]
       for v in values})

name = "日本語 é 😀"
print(name); result = name + "ü" + undefinedé

data = {"users": [{"name": "a"}, {}]}
for user in data["users"]:
    print(user["name"][0] + "!")

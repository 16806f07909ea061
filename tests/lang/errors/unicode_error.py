b"ab\xff".decode()

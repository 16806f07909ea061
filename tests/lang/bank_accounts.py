# An everyday script: classes, exceptions, formatting, dicts.
class BankError(Exception):
    """Base of this script's errors."""


class InsufficientFunds(BankError):
    def __init__(self, account, amount):
        self.account, self.amount = account, amount
        super().__init__(f"{account.owner} lacks {amount - account.balance:.2f}")


class Frozen(BankError):
    pass


class Account:
    interest = 0.01
    _next = 1

    def __init__(self, owner, balance=0):
        self.owner = owner
        self._balance = balance
        self.history = []
        self.frozen = False
        self.number = f"{Account._next:05d}"
        Account._next += 1

    @property
    def balance(self):
        return self._balance

    @balance.setter
    def balance(self, value):
        if value < 0:
            raise InsufficientFunds(self, self._balance - value)
        if self.frozen:
            raise Frozen(self.owner)
        self.history.append((self._balance, value))
        self._balance = value

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError(f"bad amount: {amount!r}")
        self.balance += amount
        return self

    def withdraw(self, amount):
        if amount > self.balance:
            raise InsufficientFunds(self, amount)
        self.balance -= amount
        return self

    def __str__(self):
        return f"{self.number} {self.owner:<8} {self.balance:>10,.2f}"

    def __eq__(self, other):
        return isinstance(other, Account) and self.number == other.number

    def __lt__(self, other):
        return self.balance < other.balance

    def __hash__(self):
        return hash(self.number)


class Savings(Account):
    interest = 0.05

    def withdraw(self, amount):
        if len([1 for old, new in self.history if new < old]) >= 2:
            raise BankError(f"{self.owner}: too many withdrawals")
        return super().withdraw(amount)


class Bank:
    def __init__(self):
        self.accounts = {}

    def open(self, kind, owner, *args, **kwargs):
        account = self.accounts[owner] = kind(owner, *args, **kwargs)
        return account

    def transfer(self, source, target, amount):
        a, b = self.accounts[source], self.accounts[target]
        saved = a.balance
        try:
            a.withdraw(amount)
            b.deposit(amount)
        except BankError:
            a._balance = saved
            raise
        finally:
            print(f"transfer {source}->{target} {amount}: {a.balance:.2f} {b.balance:.2f}")

    def __iter__(self):
        return iter(sorted(self.accounts.values(), reverse=True))

    def __len__(self):
        return len(self.accounts)

    def __getitem__(self, owner):
        return self.accounts[owner]


bank = Bank()
bank.open(Account, "Ada", 100)
bank.open(Savings, "Grace", balance=2500.5)
bank.open(Account, "Alan")
bank["Ada"].deposit(50).deposit(25).withdraw(30)
for source, target, amount in [("Ada", "Alan", 45), ("Alan", "Ada", 100), ("Grace", "Alan", 1000), ("Grace", "Ada", 0.5), ("Grace", "Ada", 1), ("Ada", "Nobody", 1), ("Ada", "Alan", -5)]:
    try:
        bank.transfer(source, target, amount)
    except InsufficientFunds as e:
        print("  insufficient:", e, e.amount, e.account is bank[source])
    except BankError as e:
        print("  refused:", e)
    except KeyError as e:
        print("  no account", e)
    except ValueError as e:
        print("  value:", e)
bank["Alan"].frozen = True
try:
    bank.transfer("Ada", "Alan", 1)
except Frozen as e:
    print("  frozen:", e, type(e.__context__))
for account in bank:
    print(account, f"{account.interest:.0%}", len(account.history))
print(len(bank), max(bank).owner, [a.owner for a in bank if a.balance > 200], bank["Ada"] == bank["Ada"], len({*bank}))
total = sum(a.balance for a in bank)
print(f"{total:,.3f} {total:.2e} {int(total):>10_d}")

"""Invented people: names, birth dates and numbers of the fictitious division 999999. Nobody here exists."""

from __future__ import annotations

import datetime as dt
import random

from app.people.models import Sex

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
MALE = "国建德福贵春生长海山林明永庆玉占凤宝广全财旺振云忠义才和平安兴顺发成富祥瑞江田树喜双满库仓"
FEMALE = "秀桂兰英玉珍凤芝淑素芬荣花香翠云莲霞梅枝琴艳清月娥巧芳彩爱菊红霜杏"
MONGOLIAN = (
    "巴特尔",
    "乌力吉",
    "斯琴高娃",
    "那顺",
    "苏和",
    "其木格",
    "乌云",
    "额尔敦",
    "萨仁",
    "宝音",
    "图雅",
    "格日勒",
    "呼日勒",
    "阿拉坦仓",
)


class People:
    """A stream of invented people, the same for the same seed."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.serial = 0
        self.used: set[str] = set()

    def name(self, sex: Sex, *, mongolian: bool = False) -> str:
        """A name of the region."""
        if mongolian:
            return self.rng.choice(MONGOLIAN)
        given = MALE if sex is Sex.MALE else FEMALE
        length = 2 if self.rng.random() < 0.8 else 1
        return self.rng.choice(SURNAMES) + "".join(self.rng.choice(given) for _ in range(length))

    def born(self, low: int, high: int, today: dt.date) -> dt.date:
        """A birth date of somebody ``low`` to ``high`` years old."""
        return today - dt.timedelta(days=self.rng.randint(low * 365 + 30, high * 365))

    def id_number(self, born_on: dt.date, sex: Sex) -> str:
        """The next number with a right check digit, division 999999 (GB 11643)."""
        while True:
            self.serial += 1
            odd = self.serial * 2 % 10 + (1 if sex is Sex.MALE else 0)
            body = f"999999{born_on:%Y%m%d}{self.serial // 5 % 100:02d}{odd % 10}"
            weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
            number = body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
            if number not in self.used:
                self.used.add(number)
                return number

    def phone(self) -> str:
        """A number of a range that is not given out (199 0000 …)."""
        return f"1990000{self.rng.randint(0, 9999):04d}"

    def bank_account(self) -> str:
        """A card number that begins with 999999 and passes Luhn."""
        body = "999999" + "".join(str(self.rng.randint(0, 9)) for _ in range(12))
        total = sum(sum(divmod(int(d) * (2 if n % 2 == 0 else 1), 10)) for n, d in enumerate(reversed(body)))
        return body + str(-total % 10)

    def strokes(self) -> list[list[list[float]]]:
        """Handwriting: two or three curved strokes."""
        out = []
        for part in range(self.rng.randint(2, 3)):
            x, y = 0.15 + part * 0.25, 0.3 + self.rng.random() * 0.2
            line = []
            for n in range(8):
                x, y = min(0.98, x + 0.025), min(0.95, max(0.05, y + self.rng.uniform(-0.12, 0.14)))
                line.append([round(x, 3), round(y, 3), part * 400 + n * 25, round(self.rng.uniform(0.3, 0.8), 2)])
            out.append(line)
        return out

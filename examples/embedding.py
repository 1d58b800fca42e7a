"""A worker inside one's own program: it makes contacts and handles them in one process, without any set-up.

A web application does the same in its lifespan: `async with Worker(...)` around its `yield`.
"""

import asyncio

from fairlead_worker import Worker

from fairlead import AsyncProducer, Contact

ORDERS = 3


async def main() -> None:
    answered: asyncio.Queue[str] = asyncio.Queue()

    async def answer(contact: Contact) -> None:
        await answered.put(f"{contact.agent} answers {contact.contact_id}: {contact.payload}")

    async with Worker(["ana"], answer), await AsyncProducer.connect() as producer:
        for number in range(ORDERS):
            await producer.push("BasicQueue", {"order": number}, channel="chat", contact_id=f"order-{number}")
        for _ in range(ORDERS):
            print(await answered.get())
    print("ana is signed out")


if __name__ == "__main__":
    asyncio.run(main())

"""What the desk looked over by itself, over HTTP: officers read and ask, others neither."""

from __future__ import annotations

from tests.api.test_http import client, sign_in  # noqa: F401 - the fixture

URL = "/v1/fraud/looks"


async def test_an_officer_sees_when_the_desk_last_looked_and_the_same_look_makes_no_case_anew(client, runtime):  # noqa: F811
    headers = await sign_in(client, runtime, "compliance")
    assert (await client.get(URL)).json() == {"every_s": 900.0, "last": None}
    first = (await client.post(URL, headers=headers)).json()["last"]
    assert (first["bars"] > 0, first["fault"]) == (True, "")
    again = (await client.post(URL, headers=headers)).json()["last"]
    assert (again["fresh"], again["alerts"]) == ([], first["alerts"])
    assert (await client.get(URL)).json()["last"] == again


async def test_others_neither_read_nor_look(client, runtime):  # noqa: F811
    headers = await sign_in(client, runtime, "trader")
    assert (await client.get(URL)).status_code == 403
    assert (await client.post(URL, headers=headers)).status_code == 403

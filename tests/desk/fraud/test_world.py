import pytest
from sqlalchemy import select

from desk.fraud.world import build_world, seed_transfers
from desk.store.engine import Store
from desk.store.tables import transfers
from tests.desk.fraud.worlds import END, WEEK, found, town


@pytest.mark.parametrize("seed", [20221228, 3, 11])
def test_the_planted_patterns_and_nothing_else_are_found(seed):
    plain = {transfer[1:] for transfer in town(seed=seed)}
    world = town(plants=("ring", "structuring"), seed=seed)
    planted = {transfer.id for transfer in world if transfer[1:] not in plain}
    alerts = found(world)
    assert sorted(alert.typology for alert in alerts) == ["cycle", "structuring"]
    assert {edge.id for alert in alerts for edge in alert.edges} == planted
    ends = {alert.typology: alert.end for alert in alerts}
    assert ends["cycle"] >= (END - WEEK).timestamp() > ends["structuring"]


@pytest.mark.parametrize("seed", [20221228, 3, 11])
def test_without_the_plants_there_is_no_alert(seed):
    assert found(town(seed=seed)) == []
    assert [alert.typology for alert in found(town(plants=("structuring",), seed=seed))] == ["structuring"]


def test_the_world_is_the_same_every_time_and_ends_before_the_market_clock():
    assert town(plants=("ring",)) == town(plants=("ring",))
    assert town() != town(seed=8)
    assert max(transfer.at for transfer in town()) <= END


def test_a_store_is_filled_once(tmp_path):
    store = Store.in_folder(tmp_path)
    added = seed_transfers(store, 5, 100, 30, END)
    assert added == len(build_world(5, 100, 30, END)) > 0
    assert seed_transfers(store, 6, 100, 30, END) == 0
    with store.read() as connection:
        labels = set(connection.execute(select(transfers.c.label)).scalars())
    assert labels == {"simulated transfers"}
    store.close()

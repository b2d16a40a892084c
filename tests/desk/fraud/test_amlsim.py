import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from desk.errors import InputError
from desk.fraud.amlsim import parse_columns, read_transfers
from desk.fraud.intake import Counts

ROWS = "sourceNodeId,targetNodeId,value,time\n1,2,5.5,3\n2,3,10,4\n"


def sample(path: Path, **files: str) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"x/{name}.csv")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def test_a_sample_is_read_without_its_labels(tmp_path):
    nodes = "nodeid,isFraud,init_balance,fraudStep\n1,1,9,3\n2,0,9,-1\n"
    file = read_transfers(sample(tmp_path / "a.tgz", transactions=ROWS, nodes=nodes))
    assert file.columns.accounts == ("1", "2", "3")
    assert file.columns.minor.tolist() == [550, 1000]
    assert [file.show_time(int(at)) for at in file.columns.at] == ["3", "4"]


def test_a_csv_with_instants_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("time,amount,target,source\n2024-01-02T00:00:00Z,5,b,a\n2024-01-01T00:00:00Z,7,c,b\n")
    file = read_transfers(path)
    assert file.show_time(int(file.columns.at[0])) == "2024-01-01T00:00:00.000000Z"
    assert file.columns.minor.tolist() == [700, 500]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "no column 'source' or 'target' or 'amount' or 'time'; its columns are a, b"),
        ("source,target,amount,time\na,b,five,1\n", "line 2"),
        ("source,target,amount,time\na,b,5\n", "line 2"),
        ("source,target,amount,time\na,b,5,soon\n", "neither a step nor an ISO instant"),
        ("source,target,amount,time\na,b,-5,1\n", "no amount above zero"),
        ("source,target,amount,time\na,b,NaN,1\n", "line 2"),
        ("source,target,amount,time\na,b,99999999999999999999,1\n", "line 2 of bad.csv moves 9+, more than any"),
        ("source,target,amount,time\na,b,1e999999,1\n", "is no number it can move"),
        ("source,target,amount,time\na,,5,1\n", "line 2 of bad.csv is not a transfer: an empty field"),
        ("id,source,target,amount,time\n7,a,b,5,1\n7,a,c,5,1\n", "line 3 of bad.csv: id '7' stands in line 2"),
        ("currency,source,target,amount,time\nUSD,a,b,5,1\nEUR,a,c,5,1\n", "is in EUR and USD without rates"),
        ("", "no column"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(tmp_path, text, says):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_transfers(path)


def test_a_missing_or_foreign_file_says_so(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        read_transfers(tmp_path / "none.csv")
    (tmp_path / "b.tgz").write_bytes(b"not an archive")
    with pytest.raises(InputError, match="cannot be read as transfers"):
        read_transfers(tmp_path / "b.tgz")


def test_what_is_merely_odd_is_put_right_and_counted(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text(
        "id,source,target,amount,time\n1,a,b,5,2024-03-02T00:00:00Z\n2,b,b,5,2024-03-01T00:00:00Z\n"
        "1,a,b,5,2024-03-02T00:00:00Z\n3,b,c,4,2031-01-01T00:00:00Z\n4,c,d,4,2024-03-03T00:00:00Z\n"
    )
    file = read_transfers(path, now=datetime(2025, 1, 1, tzinfo=UTC))
    assert file.columns.ids == ("1", "4")
    assert file.counts == Counts(transfers=2, unordered=2, future=1, to_oneself=1, repeated=1)


def test_a_parquet_file_is_read_through_a_column_map(tmp_path):
    path = tmp_path / "t.parquet"
    when = [datetime(2024, 1, day) for day in (1, 2)]
    table = pyarrow.table(
        {"from": ["a", "b"], "to": ["b", "c"], "usd": [10.25, 9.75], "when": when, "note": ["x", None]}
    )
    parquet.write_table(table, path)
    file = read_transfers(path, parse_columns("source=from,target=to,amount=usd,time=when"))
    assert file.columns.minor.tolist() == [1025, 975]
    assert file.show_time(int(file.columns.at[1])) == "2024-01-02T00:00:00.000000Z"
    with pytest.raises(InputError, match=r"has no column 'amount' or 'time'.*name them with --columns"):
        read_transfers(path, parse_columns("source=from,target=to"))
    with pytest.raises(InputError, match="has no column 'sum' for amount"):
        read_transfers(path, parse_columns("amount=sum"))
    with pytest.raises(InputError, match="the columns are source, target"):
        read_transfers(path, parse_columns("sender=from"))
    with pytest.raises(InputError, match="is not like source=from"):
        parse_columns("source")
    path.write_bytes(b"PAR1 broken")
    with pytest.raises(InputError, match="cannot be read as transfers"):
        read_transfers(path)


def test_yen_have_no_minor_unit(tmp_path):
    path = tmp_path / "yen.csv"
    path.write_text("source,target,amount,time,currency\na,b,500,1,JPY\n")
    columns = read_transfers(path).columns
    assert (columns.currency, columns.minor.tolist()) == ("JPY", [500])

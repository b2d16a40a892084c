import io
import os
import tarfile
import time
from pathlib import Path

import pytest

from desk.errors import InputError
from desk.fraud.amlsim import read_transfers
from desk.fraud.local import LocalGraph
from desk.fraud.patterns import scan

DATA = Path(os.environ.get("TENOR_TEST_DATA", "../shared/data")) / "amlsim"
ROWS = "sourceNodeId,targetNodeId,value,time\n1,2,5.5,3\n2,3,10,4\n"


def sample(path: Path, **files: str) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"x/{name}.csv")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def test_a_sample_is_read_with_its_labels(tmp_path):
    nodes = "nodeid,isFraud,init_balance,fraudStep\n1,1,9,3\n2,0,9,-1\n"
    file = read_transfers(sample(tmp_path / "a.tgz", transactions=ROWS, nodes=nodes))
    assert file.columns.accounts == ("1", "2", "3")
    assert file.columns.minor.tolist() == [550, 1000]
    assert [file.show_time(int(at)) for at in file.columns.at] == ["3", "4"]
    assert file.suspects == frozenset({"1"})


def test_a_csv_with_instants_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("time,amount,target,source\n2024-01-02T00:00:00Z,5,b,a\n2024-01-01T00:00:00Z,7,c,b\n")
    file = read_transfers(path)
    assert file.show_time(int(file.columns.at[0])) == "2024-01-01T00:00:00.000000Z"
    assert file.columns.minor.tolist() == [700, 500]
    assert file.suspects is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "no column 'source'"),
        ("source,target,amount,time\na,b,five,1\n", "line 2"),
        ("source,target,amount,time\na,b,5\n", "line 2"),
        ("source,target,amount,time\na,b,5,soon\n", "neither a step nor an ISO instant"),
        ("source,target,amount,time\na,b,-5,1\n", "no amount above zero"),
        ("source,target,amount,time\na,b,NaN,1\n", "line 2"),
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


@pytest.mark.parametrize(("name", "recall"), [("20K_fanin200", 0.68), ("20K_cycle200", 0.64)])
def test_planted_accounts_of_the_samples_are_found(name, recall):
    path = DATA / f"{name}.tgz"
    if not path.exists():
        pytest.skip(f"not run: {path} is not here; name the folder in TENOR_TEST_DATA")
    file = read_transfers(path)
    began = time.process_time()
    flagged = {account for alert in scan(LocalGraph(file.columns)) for account in alert.accounts}
    assert time.process_time() - began < 30  # a guard against hangs, not a benchmark
    assert file.suspects
    true = flagged & file.suspects
    assert len(true) / len(flagged) > 0.98
    assert len(true) / len(file.suspects) > recall

import io
import tarfile
from pathlib import Path

import pytest

from desk.errors import InputError
from desk.fraud.amlsim import read_transfers

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

"""A kernel notes what its notebook reads, and nothing of itself."""

import os
import pickle
import sys
import threading
from pathlib import Path

import pytest
import standin

from evidence.data import load_review
from evidence.data.notice import days_asked, today
from evidence.living.execution import Execution
from evidence.living.reads import Reads, hash_bytes, hash_file
from evidence.living.witness import Witness, read_log

ROOT = Path(__file__).parents[2]


class Silent:
    def started(self, *_: object) -> None: ...
    def running(self, *_: object) -> None: ...
    def finished(self, *_: object) -> None: ...
    def failed(self, *_: object) -> None: ...


def executed(*notebooks: Path, review: Path) -> list[Reads]:
    variables = {"EVIDENCE_REVIEW": str(review)}
    with Execution(notebooks, variables=variables, jobs=2, listener=Silent()) as execution:
        return [one.reads for one in execution.results()]


def names(paths: object) -> set[str]:
    return {Path(path).name for path in paths}


def test_what_a_kernel_notes(clone: Path) -> None:
    """One review as people have it: the tables that are used, and nothing else of it."""
    review = ROOT / "data/magnesium-sleep"
    (clone / "notebooks/beside.py").write_text("value = 1")
    (clone / "other.csv").write_text("a,b\n1,2\n")
    (clone / "papers").mkdir()
    tables = standin.write_notebook(
        clone / "notebooks/a.ipynb",
        [
            ("code", "import evidence; review = evidence.current_review(); review.studies.shape"),
            ("code", "review.contrasts.shape"),
        ],
    )
    others = standin.write_notebook(
        clone / "notebooks/b.ipynb",
        [
            ("code", "import beside, os, pathlib, tempfile"),
            ("code", "with open('../other.csv') as file: file.read()"),
            ("code", "list(pathlib.Path('../papers').iterdir()); pathlib.Path('no.csv').exists()"),
            ("code", "try: open('../absent.csv')\nexcept OSError: pass"),
            ("code", "with tempfile.TemporaryFile() as file: file.write(b'x')"),
            ("code", "os.fsdecode(os.getcwd())"),
        ],
    )
    wild = standin.write_notebook(
        clone / "notebooks/c.ipynb",
        [("code", "with open('made.txt', 'w') as file: file.write('x')\nopen('made.txt').read()")],
    )
    used, read, wrote = executed(tables, others, wild, review=review)

    assert names(used.files) == {"review.toml", "studies.csv", "contrasts.csv"}
    assert used.files[str(review / "studies.csv")] == hash_file(review / "studies.csv")
    assert {"data/review.py", "data/", "living/notebook.py"} <= set(used.code)
    assert "living/page.py" not in used.code
    assert used.untraceable == ""

    assert {Path(path): value for path, value in read.files.items()} == {
        clone / "other.csv": hash_bytes(b"a,b\n1,2\n"),
        clone / "absent.csv": "",
        clone / "notebooks/beside.py": hash_bytes(b"value = 1"),
    }
    assert names(read.listings) == {"papers"}
    assert "notebooks" in names(read.modules)
    assert (read.untraceable, read.day) == ("", "")

    assert wrote.untraceable == "it writes to a file (made.txt)"
    assert wrote.files == {}


@pytest.fixture
def witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Witness:
    """One that is told by the test, because a listener cannot be taken away again."""
    (tmp_path / "clone/notebooks").mkdir(parents=True)
    (tmp_path / "private").mkdir()
    monkeypatch.chdir(tmp_path / "clone/notebooks")
    monkeypatch.delenv("EVIDENCE_REVIEW", raising=False)
    return Witness(tmp_path / "private/log")


def noted(tmp_path: Path) -> Reads:
    return read_log(tmp_path / "private/log")


@pytest.mark.parametrize(
    ("event", "arguments", "words"),
    [
        ("subprocess.Popen", ("ls", ["ls"], None, None), "it starts another program (ls)"),
        ("os.system", (b"date",), "it starts another program (date)"),
        ("os.posix_spawn", ("/bin/date", [], {}), "it starts another program (/bin/date)"),
        ("socket.connect", (None, ("example.org", 80)), "('example.org', 80)"),
        ("sqlite3.connect", ("my.db",), "it uses a database (my.db)"),
        ("evidence.read", ("/elsewhere", "arms"), "loaded elsewhere"),
    ],
)
def test_what_cannot_be_foreseen(
    witness: Witness, tmp_path: Path, event: str, arguments: tuple[object, ...], words: str
) -> None:
    witness.hear(event, arguments)
    assert words in noted(tmp_path).untraceable


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("subprocess.Popen", ("uname", ["uname", "-p"], None, None)),
        ("sqlite3.connect", (":memory:",)),
        ("open", (sys.executable, "rb", 0)),
        ("open", (os.__file__, "rb", 0)),
        ("open", ("/dev/null", "w", os.O_WRONLY)),
        ("open", (3, "r", 0)),
        ("import", ("os", None, None, None, None)),
    ],
)
def test_what_needs_no_note(
    witness: Witness, tmp_path: Path, event: str, arguments: tuple[object, ...]
) -> None:
    witness.hear(event, arguments)
    assert noted(tmp_path) == Reads(code=("living/notebook.py",))


def test_an_environment_inside_a_clone_and_a_clone_inside_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "prefix/src/clone"
    (clone / "notebooks").mkdir(parents=True)
    (tmp_path / "private").mkdir()
    monkeypatch.chdir(clone / "notebooks")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr(sys, "base_prefix", str(clone / ".venv"))
    witness = Witness(tmp_path / "private/log")
    for name in ("data.csv", ".venv/lib/module.py", "../../lib/module.py"):
        witness.hear("open", (str((clone / name).absolute()), "r", 0))
    assert names(noted(tmp_path).files) == {"data.csv"}


def test_the_first_content_counts(witness: Witness, tmp_path: Path) -> None:
    path = tmp_path / "clone/x.csv"
    for content in ("first", "second"):
        path.write_text(content)
        witness.hear("open", (str(path), "r", 0))
    assert noted(tmp_path).files == {str(path): hash_bytes(b"first")}


def test_a_log_that_was_cut_is_not_believed(witness: Witness, tmp_path: Path) -> None:
    with (tmp_path / "private/log").open("a") as file:
        file.write('["files", "/x')
    assert noted(tmp_path).untraceable == "what it read could not be noted"
    assert read_log(tmp_path / "absent").untraceable == "what it read could not be noted"


def test_a_pipe_does_not_keep_anybody_waiting(tmp_path: Path) -> None:
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert hash_file(tmp_path / "pipe") == "special"


class TestReviewTells:
    """What a review says of its use; heard by a listener that can be switched off."""

    heard: list[tuple[str, str]] | None = None
    installed = False
    thread = 0

    @pytest.fixture
    def uses(self) -> list[tuple[str, str]]:
        cls = type(self)
        if not cls.installed:

            def hear(event: str, arguments: tuple[object, ...]) -> None:
                if event == "evidence.read" and cls.heard is not None:
                    cls.heard.append((Path(str(arguments[0])).name, str(arguments[1])))

            sys.addaudithook(hear)
            cls.installed = True
        cls.heard = found = []
        yield found
        cls.heard = None

    def test_loading_uses_no_table(self, uses: list[tuple[str, str]]) -> None:
        review = load_review(ROOT / "data/magnesium-sleep")
        assert uses == []
        assert len(review.tables) == len(list(review.tables)) > 5
        assert "arms" in review.tables
        assert uses == []
        review.plan, review.bias_tools, review.name  # noqa: B018
        assert uses == []

    @pytest.mark.parametrize(
        ("use", "table"),
        [
            (lambda review: review.arms, "arms"),
            (lambda review: review.tables["facts"], "facts"),
            (lambda review: review.reported["sources"], "sources"),
            (lambda review: review.study("schuster2025"), "studies"),
            (lambda review: review.rows_of("arms", "schuster2025", "isi"), "arms"),
            (lambda review: review.records("missing", "schuster2025"), "missing"),
            (lambda review: review.number("contrasts", 2, "estimate"), "contrasts"),
            (lambda review: review.fingerprint, "*"),
            (lambda review: review.to_dict(), "*"),
            (pickle.dumps, "*"),
        ],
    )
    def test_a_use_is_told(self, uses: list[tuple[str, str]], use: object, table: str) -> None:
        use(load_review(ROOT / "data/magnesium-sleep"))
        assert ("magnesium-sleep", table) in uses

    def test_what_was_handed_to_another_process_is_the_same(self) -> None:
        review = load_review(ROOT / "data/magnesium-sleep")
        again = pickle.loads(pickle.dumps(review))
        assert again.fingerprint == review.fingerprint
        assert again.arms.equals(review.arms)

    def test_summary_uses_what_it_counts(self, uses: list[tuple[str, str]]) -> None:
        load_review(ROOT / "data/magnesium-sleep").summary()
        assert {table for _, table in uses} >= {"studies", "arms", "contrasts", "sources"}


def test_the_day_is_told_and_remembered(witness: Witness, tmp_path: Path) -> None:
    day = today()
    assert day in days_asked()
    witness.hear("evidence.day", ())
    assert noted(tmp_path).day == day.isoformat()


def test_threads_note_for_themselves(witness: Witness, tmp_path: Path) -> None:
    path = tmp_path / "clone/x.csv"
    path.touch()
    witness.hear("evidence.loading", (str(tmp_path / "clone"),))
    thread = threading.Thread(target=witness.hear, args=("open", (str(path), "r", 0)))
    thread.start()
    thread.join()
    assert names(noted(tmp_path).files) == {"x.csv"}

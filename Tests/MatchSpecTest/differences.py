"""The places where py-rattler 0.28 reads a spec differently from us, each as a rewriting into what we read.

A pair that no rewriting touches is in the language that both share. A difference about any other pair is explained when
rattler, asked the rewritten question, gives our answer: the reason is proven, not guessed.
"""

import re
from collections.abc import Callable

Question = tuple[str, dict]


def _license(spec: str, record: dict) -> Question:
    wanted = [found[1] for found in re.finditer(r"license=([^,\]]+)", spec)]
    if not record["license"] or all(
            text == record["license"] or text.lower() != record["license"].lower() for text in wanted):
        return spec, record
    lower = re.sub(r"license=([^,\]]+)", lambda found: found[0].lower(), spec)
    return lower, {**record, "license": record["license"] and record["license"].lower()}


def _subdir(spec: str, record: dict) -> Question:
    wanted = [found[1] for found in re.finditer(r"(?:subdir=|^[a-z-]+/(?=[a-z0-9-]+::))([a-z0-9-]+)", spec)]
    if wanted and wanted[-1] != record["subdir"]:
        return "no-such-name", record
    return re.sub(r"^[a-z-]+/[a-z0-9-]+::", "", spec), record


def _equal_with_star(spec: str, record: dict) -> Question:
    inside = re.sub(r"(?<=['\"(,|\s])==([\w.!+-]+?)\.?\*", r"\1.*", spec)
    return re.sub(r"==([\w.!+-]+?)\.?\*", r" \1.*", inside), record


def _fuzzy_with_build(spec: str, record: dict) -> Question:
    return re.sub(r"^(\S+) =([\w.!+-]+) (?=\S)", r"\1 \2.* ", spec), record


def _greater_with_star(spec: str, record: dict) -> Question:
    return re.sub(r">([\w.!+-]+?)\.?\*", r">\1", spec), record


def _compatible_with_local(spec: str, record: dict) -> Question:
    """Written out as CEP 29 does; rattler's `1.2+ab.*` minds only the beginning of `1.2`, hence the third clause."""
    written_out = r"(>=\1,\2+\3.*,<=\2+99999999)"
    inside = re.sub(r"(?<=['\"(,|\s])~=(([\w.!]+)\+([\w]+)\.\w+)", written_out, spec)
    return re.sub(r"~=(([\w.!]+)\+([\w]+)\.\w+)", " " + written_out, inside), record


def _prefix_with_local(spec: str, record: dict) -> Question:
    """`1.2+ab.*` wants exactly 1.2 before the `+`: at least all of it, and no more than any local part can add."""
    literal = r"(([\w.!]+)\+[\w.]+?)\.?\*"
    without = re.sub(r"!=" + literal, r"(!=\1.*|<\2+0|>\2+99999999)", spec)
    return re.sub(r"(?<=[\s'\"(,|])(?<![=<>~]=)=?(?<![<>])" + literal + r"(?!\|<)", r"(\1.*,>=\2+0,<=\2+99999999)", without), record


def _trailing_zero(spec: str, record: dict) -> Question:
    return re.sub(r"(?<=[\s'\"(,|])=?(\d[\w.!]*[._]0+)\.\*", r"(\1.*,>=\1dev)", spec), record


REWRITINGS: dict[str, Callable[[str, dict], Question]] = {
    "a license is compared in any case (CEP 29, string matching); rattler minds the case": _license,
    "a subdir in the spec is compared; rattler leaves it to whoever chose the repodata": _subdir,
    "==1.8.* is every 1.8 (CEP 29's example 'pkg ==1.8.* *'); rattler reads ==1.8": _equal_with_star,
    "'pkg =1.8 build' is every 1.8 (CEP 29, version expression parsing); rattler reads ==1.8": _fuzzy_with_build,
    "~=1.2+ab.1 is >=1.2+ab.1,1.2+ab.* (conda); rattler wants all of the local part": _compatible_with_local,
    "1.2+ab.* is 1.2 with a local part (conda); rattler minds only the beginning of 1.2": _prefix_with_local,
    "1.0.* is not 1a, whose second part is not 1 (CEP 29, conda); rattler skips parts that are zero": _trailing_zero,
    ">1.8.* is >1.8 (conda); rattler reads >=1.8": _greater_with_star,
}


def is_shared(spec: str, record: dict) -> bool:
    """Whether both read the question in the same way: none of the rewritings has anything to do."""
    return all(rewrite(spec, record) == (spec, record) for rewrite in REWRITINGS.values())


def reason_for(spec: str, record: dict, our: str, ask: Callable[[str, dict], str]) -> str | None:
    """The first rewriting, or all together, under which rattler answers `our`; `ask` asks rattler."""
    for reason, rewrite in REWRITINGS.items():
        if _answer(rewrite(spec, record), ask) == our:
            return reason
    question = (spec, record)
    for rewrite in REWRITINGS.values():
        question = rewrite(*question)
    return "several of these reasons together" if _answer(question, ask) == our else None


def _answer(question: Question, ask: Callable[[str, dict], str]) -> str:
    return ask(*question).split(":")[0]

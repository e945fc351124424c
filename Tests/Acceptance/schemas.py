"""The JSON documents of a channel as JSON Schema (2020-12), written down from the texts of CEP 6, 12, 26, 34, 36, 38, 42,
43 to 45, 47 and 48, which have no schemas of their own. Stricter than they are where readers are: see each remark."""

SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
MD5 = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
SPECS = {"type": "array", "items": {"type": "string", "minLength": 1}}
MILLISECONDS = {"type": "integer", "minimum": 0}
CONDA = r"^[^/]+-[^/-]+-[^/-]+\.conda$"
TAR_BZIP2 = r"^[^/]+-[^/-]+-[^/-]+\.tar\.bz2$"
DISTRIBUTION = r"^[^/]+-[^/-]+-[^/-]+$"

# CEP 34 and 36. A `null` is allowed by no reader for lists, and this server never writes one.
RECORD = {
    "type": "object",
    "required": ["build", "build_number", "depends", "md5", "name", "sha256", "size", "subdir", "version"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9_][a-z0-9_.-]*$", "maxLength": 64},
        "version": {"type": "string", "pattern": "^[a-z0-9_.+!]+$", "maxLength": 64},
        "build": {"type": "string", "pattern": "^[a-zA-Z0-9_.+]+$", "maxLength": 64},
        "build_number": {"type": "integer", "minimum": 0},
        "depends": SPECS, "constrains": SPECS, "flags": SPECS,
        "extra_depends": {"type": "object", "additionalProperties": SPECS},
        "subdir": {"type": "string", "pattern": "^(noarch|[a-z0-9]+-[a-z0-9]+)$"},
        "noarch": {"enum": ["generic", "python", True]},
        "md5": MD5, "sha256": SHA256, "size": {"type": "integer", "minimum": 0},
        "timestamp": MILLISECONDS, "indexed_timestamp": MILLISECONDS, "schema_version": {"type": "integer"},
        "track_features": {"type": "string"}, "license": {"type": "string"}, "license_family": {"type": "string"},
        "revoked": {"const": True}, "run_exports": False, "channel": False, "url": False, "fn": False,
    },
}
OLD_RECORD = {"allOf": [RECORD, {"properties": {"schema_version": {"maximum": 2}}}]}
NEW_RECORD = {
    "allOf": [RECORD, {"required": ["schema_version", "indexed_timestamp"],
                       "properties": {"schema_version": {"minimum": 3}}}]}


def _map(pattern: str, value: dict) -> dict:
    return {"type": "object", "patternProperties": {pattern: value}, "additionalProperties": False}


# CEP 36, 42, 47, 48.
REPODATA = {
    "type": "object", "additionalProperties": False,
    "required": ["info", "packages", "packages.conda", "removed", "repodata_version"],
    "properties": {
        "info": {
            "type": "object", "required": ["subdir"], "additionalProperties": False,
            "properties": {
                "subdir": {"type": "string"},
                "channel_relations": {
                    "type": "object", "minProperties": 1, "additionalProperties": False,
                    "properties": {key: {"type": "string", "pattern": r"^\.\./"} for key in ("base", "overrides")}},
                "repodata_revisions": {
                    "type": "object", "additionalProperties": False,
                    "patternProperties": {"^v[3-9]$": {
                        "type": "object",
                        "properties": {
                            "n_packages": {"type": "integer", "minimum": 1}, "newest": MILLISECONDS,
                            "oldest": MILLISECONDS, "message": {"type": "string", "maxLength": 8192}}}}}}},
        "packages": _map(TAR_BZIP2, OLD_RECORD), "packages.conda": _map(CONDA, OLD_RECORD),
        "removed": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "repodata_version": {"const": 1},
        "v3": {
            "type": "object", "minProperties": 1, "additionalProperties": False,
            "properties": {key: _map(DISTRIBUTION, NEW_RECORD) for key in ("conda", "tar.bz2")}},
    },
}

# CEP 12, 21; `v3` by decision 0060.
RUN_EXPORTS = {
    "type": "object", "additionalProperties": False, "required": ["run_exports"],
    "properties": {"run_exports": {
        "type": "object", "additionalProperties": False,
        "properties": {
            key: SPECS for key in ("weak", "strong", "weak_constrains", "strong_constrains", "noarch")}}},
}
RUN_EXPORTS_DOCUMENT = {
    "type": "object", "additionalProperties": False, "required": ["info", "packages", "packages.conda"],
    "properties": {
        "info": {
            "type": "object", "required": ["platform", "arch", "subdir", "version"],
            "properties": {"platform": {"type": "string"}, "arch": {"type": "string"}, "subdir": {"type": "string"},
                           "version": {"const": 0}}},
        "packages": _map(TAR_BZIP2, RUN_EXPORTS), "packages.conda": _map(CONDA, RUN_EXPORTS),
        "v3": {
            "type": "object", "minProperties": 1, "additionalProperties": False,
            "properties": {key: _map(DISTRIBUTION, RUN_EXPORTS) for key in ("conda", "tar.bz2")}},
    },
}

# CEP 38. Upstream quetz has more keys and `null` for unknown texts.
CHANNELDATA = {
    "type": "object", "additionalProperties": False, "required": ["channeldata_version", "packages", "subdirs"],
    "properties": {
        "channeldata_version": {"const": 1},
        "subdirs": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "contains": {"const": "noarch"}},
        "packages": {"type": "object", "additionalProperties": {"anyOf": [{"const": {}}, {
            "type": "object",
            "required": ["activate.d", "binary_prefix", "deactivate.d", "post_link", "pre_link", "pre_unlink",
                         "run_exports", "subdirs", "text_prefix", "timestamp", "version"],
            "properties": {
                **{key: {"type": "boolean"} for key in (
                    "activate.d", "binary_prefix", "deactivate.d", "post_link", "pre_link", "pre_unlink",
                    "text_prefix")},
                "run_exports": {"type": "object"}, "timestamp": {"type": "integer", "minimum": 0},
                "subdirs": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "version": {"type": "string"},
                **{key: {"type": ["string", "null"]} for key in (
                    "dev_url", "doc_url", "home", "license", "source_url", "summary")}}}]}},
    },
}

# CEP 6.
NOTICES = {
    "type": "object", "additionalProperties": False, "required": ["notices"],
    "properties": {"notices": {"type": "array", "items": {
        "type": "object", "additionalProperties": False,
        "required": ["id", "message", "level", "created_at", "expires_at"],
        "properties": {
            "id": {"type": "string", "minLength": 1}, "message": {"type": "string", "minLength": 1},
            "level": {"enum": ["info", "warning", "critical"]},
            "created_at": {"type": "string", "format": "date-time"},
            "expires_at": {"type": "string", "format": "date-time"}}}}},
}

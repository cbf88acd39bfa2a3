#!/usr/bin/env python3
"""Writes helm/lighter/files/dashboard.json, so that a panel is one line here and not forty there."""

import json
import pathlib

SELECT = '{job=~"$job"}'
ROWS = [
    ("Answers", [
        ("Requests by endpoint", "reqps", 'sum by (endpoint) (rate(lighter_requests_seconds_count{S}[$__rate_interval]))'),
        ("Requests by status", "reqps", 'sum by (status) (rate(lighter_requests_seconds_count{S}[$__rate_interval]))'),
        ("Mean time of an answer", "s", 'sum by (endpoint) (rate(lighter_requests_seconds_sum{S}[$__rate_interval])) / sum by (endpoint) (rate(lighter_requests_seconds_count{S}[$__rate_interval]))'),
        ("Bytes of answers", "Bps", 'sum by (endpoint) (rate(lighter_response_bytes_total{S}[$__rate_interval]))'),
        ("Connections", "short", 'sum(lighter_connections{S})'),
        ("Reads of pinned content", "percentunit", 'sum by (kind) (rate(lighter_pinned_reads_total{job=~"$job",outcome="hit"}[$__rate_interval])) / sum by (kind) (rate(lighter_pinned_reads_total{S}[$__rate_interval]))'),
    ]),
    ("Upstreams", [
        ("Requests to upstreams by outcome", "reqps", 'sum by (upstream, outcome) (rate(lighter_upstream_requests_total{S}[$__rate_interval]))'),
        ("Bytes from upstreams", "Bps", 'sum by (upstream) (rate(lighter_upstream_bytes_total{S}[$__rate_interval]))'),
        ("Tags answered as last known", "short", 'sum by (upstream, reason) (increase(lighter_upstream_stale_total{S}[$__rate_interval]))'),
        ("Pulls left", "short", 'min by (upstream) (lighter_upstream_pulls_left{S})'),
        ("Downloads under way", "short", 'sum(lighter_upstream_fetches{S})'),
        ("Readers that joined a download", "short", 'sum by (upstream) (increase(lighter_upstream_fetch_joined_total{S}[$__rate_interval]))'),
    ]),
    ("Conversion", [
        ("Images that wait", "short", 'sum(lighter_conversion_backlog{S})'),
        ("Images by outcome", "short", 'sum by (outcome) (increase(lighter_conversion_images_total{S}[$__rate_interval]))'),
        ("Bytes of converted layers", "Bps", 'sum by (outcome) (rate(lighter_conversion_source_bytes_total{S}[$__rate_interval]))'),
        ("Held back for requests", "percentunit", 'sum(rate(lighter_conversion_held_back_seconds{S}[$__rate_interval]))'),
    ]),
    ("Store", [
        ("Cached content", "bytes", 'sum(lighter_cache_bytes{S})'),
        ("Free disk", "bytes", 'min(lighter_cache_disk_free_bytes{S})'),
        ("Evicted", "Bps", 'sum by (reason) (rate(lighter_evicted_bytes_total{S}[$__rate_interval]))'),
        ("Freed as garbage", "Bps", 'sum(rate(lighter_gc_freed_bytes_total{S}[$__rate_interval]))'),
    ]),
    ("Metadata", [
        ("Tables, log and memory", "bytes", ['sum(lighter_rocksdb_tables_bytes{S})', 'sum(lighter_rocksdb_wal_bytes{S})', 'sum(lighter_rocksdb_memtables_bytes{S})']),
        ("Block cache", "bytes", ['sum(lighter_rocksdb_cache_bytes{S})', 'sum(lighter_rocksdb_cache_pinned_bytes{S})', 'sum(lighter_rocksdb_cache_capacity_bytes{S})']),
        ("Keys", "short", 'sum(lighter_rocksdb_keys{S})'),
        ("Compaction behind", "bytes", 'sum(lighter_rocksdb_compaction_pending_bytes{S})'),
        ("Compactions and flushes", "short", ['sum(lighter_rocksdb_compactions{S})', 'sum(lighter_rocksdb_flushes{S})']),
        ("Writes stopped, failing, and changes that wait", "short", ['max(lighter_rocksdb_writes_stopped{S})', 'max(lighter_rocksdb_writes_failing{S})', 'sum(lighter_rocksdb_changes_waiting{S})']),
    ]),
    ("Process", [
        ("Processor", "percentunit", 'sum(process_cpu_usage{S})'),
        ("Memory of the Java runtime", "bytes", 'sum by (area) (jvm_memory_used_bytes{S})'),
        ("Pinned content", "bytes", 'sum by (kind) (lighter_pinned_bytes{S})'),
        ("Open files", "short", 'sum(process_files_open_files{S})'),
    ]),
]


def panels():
    number, top = 0, 0
    for title, row in ROWS:
        yield {"id": (number := number + 1), "type": "row", "title": title, "collapsed": False, "panels": [],
               "gridPos": {"h": 1, "w": 24, "x": 0, "y": top}}
        top += 1
        for place, (name, unit, queries) in enumerate(row):
            queries = [queries] if isinstance(queries, str) else queries
            yield {
                "id": (number := number + 1), "type": "timeseries", "title": name,
                "datasource": {"type": "prometheus", "uid": "${source}"},
                "gridPos": {"h": 7, "w": 8, "x": place % 3 * 8, "y": top + place // 3 * 7},
                "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
                "targets": [{"refId": chr(ord("A") + i), "expr": query.replace("{S}", SELECT)} for i, query in enumerate(queries)],
            }
        top += (len(row) + 2) // 3 * 7


def dashboard():
    return {
        "uid": "lighter", "title": "Lighter", "tags": ["registry"], "schemaVersion": 39, "version": 1, "editable": True,
        "time": {"from": "now-6h", "to": "now"}, "refresh": "1m",
        "templating": {"list": [
            {"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"},
            {"name": "job", "label": "Job", "type": "query", "datasource": {"type": "prometheus", "uid": "${source}"},
             "query": "label_values(lighter_connections, job)", "refresh": 2, "includeAll": True, "multi": True},
        ]},
        "panels": list(panels()),
    }


if __name__ == "__main__":
    target = pathlib.Path(__file__).parent / "lighter/files/dashboard.json"
    target.write_text(json.dumps(dashboard(), indent=1) + "\n")

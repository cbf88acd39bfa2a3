package io.lighter.storage;

import java.time.Instant;

/**
 * What a backup has.
 *
 * @param format version of the store's layout that it can be restored by
 * @param startedAt when it was begun; everything that was acknowledged before is in it
 * @param finishedAt when it was complete
 * @param blobs how many blobs it has
 * @param bytes how many bytes they have
 * @param missing how many blobs it should have whose files the store had lost before
 */
public record BackupReport(
    String format, Instant startedAt, Instant finishedAt, long blobs, long bytes, long missing) {}

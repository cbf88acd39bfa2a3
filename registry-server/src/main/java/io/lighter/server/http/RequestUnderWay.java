package io.lighter.server.http;

import java.time.Duration;

/**
 * A request that is being answered, as it was when somebody looked.
 *
 * @param id names it in the log
 * @param client who sent it
 * @param method its method
 * @param uri path and query as they were sent, cut to what a line may hold
 * @param age how long ago its headers were complete
 */
public record RequestUnderWay(String id, String client, String method, String uri, Duration age) {}

package io.lighter.bench.compare;

import io.lighter.bench.peer.Peer;

/**
 * What is measured once in each round.
 *
 * @param connections at a time
 */
public record Cell(Peer peer, Work work, int connections) {}

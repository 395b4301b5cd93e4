package io.sheepdog.core.cluster;

/**
 * Result of applying one event.
 *
 * @param next the state after it
 * @param outcome what it decided
 */
public record Transition(ClusterState next, Outcome outcome) {}

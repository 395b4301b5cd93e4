package io.sheepdog.core.membership;

import io.sheepdog.core.cluster.Outcome;

/**
 * A proposed event was applied here.
 *
 * @param sequence its number in the history; 0 when it never got there (this node is not a member
 *     yet or any more: then the outcome is a refusal with STARTUP or CLUSTER_ERROR; after
 *     CLUSTER_ERROR the others may still apply it)
 * @param outcome what it decided
 */
public record Applied(long sequence, Outcome outcome) {}

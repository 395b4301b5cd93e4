package io.sheepdog.core.cluster;

/**
 * An event as it travels.
 *
 * @param requestId number by which the sender knows it again, unique within its incarnation; 0 if
 *     it does not wait for it
 * @param event the event
 */
public record Envelope(long requestId, ClusterEvent event) {}

package io.sheepdog.core.spi;

/**
 * The outside world of one node in one value.
 *
 * @param clock time
 * @param scheduler the core loop
 * @param transport the other daemons
 * @param objects this node's objects
 * @param meta this node's identity, configuration and epoch log
 * @param driver ordered events
 */
public record Platform(
    Clock clock,
    Scheduler scheduler,
    Transport transport,
    ObjectStore objects,
    MetaStore meta,
    ClusterDriver driver) {}

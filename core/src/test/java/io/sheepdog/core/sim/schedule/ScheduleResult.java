package io.sheepdog.core.sim.schedule;

import org.jspecify.annotations.Nullable;

/**
 * How a schedule ended.
 *
 * @param seed plays it again
 * @param problem the first broken promise, null if none
 * @param trace what happened last
 * @param faults which faults really happened
 * @param events number of simulated events
 * @param acknowledgedWrites number of writes that clients were told succeeded
 */
public record ScheduleResult(
    long seed,
    @Nullable Throwable problem,
    String trace,
    FaultCounts faults,
    long events,
    long acknowledgedWrites) {}

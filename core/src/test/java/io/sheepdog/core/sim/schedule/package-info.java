/**
 * Whole clusters under seeded schedules of work and faults. Start at {@link
 * io.sheepdog.core.sim.schedule.Schedule}, which plays one seed in a {@link
 * io.sheepdog.core.sim.schedule.SimWorld}. A world lives on one thread; several worlds may run on
 * several.
 *
 * <p>Replay: a failure prints its seed; {@code -Dsim.seed=SEED} plays exactly that schedule again,
 * with its trace. See docs/testing.md for how to add a fault, a client, a check or a planted
 * mistake.
 */
@NullMarked
package io.sheepdog.core.sim.schedule;

import org.jspecify.annotations.NullMarked;

/**
 * {@code benchmark io}: how fast the cluster reads and writes, through the clients' own protocol.
 * Start at {@link io.sheepdog.cli.bench.BenchmarkIoCommand}; {@link io.sheepdog.cli.bench.Load}
 * says what is asked for, {@link io.sheepdog.cli.bench.Measurement} keeps requests under way and
 * takes the times. Used by one thread.
 */
@NullMarked
package io.sheepdog.cli.bench;

import org.jspecify.annotations.NullMarked;

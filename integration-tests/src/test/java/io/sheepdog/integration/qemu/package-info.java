/**
 * Unmodified QEMU 5.2, the last line of QEMU with a sheepdog driver: its tools and whole machines
 * that it emulates.
 *
 * <p>Start at {@link io.sheepdog.integration.qemu.Qemu52}. Tests that need it carry
 * {@code @Tag("qemu52")}; without the binaries they fail and say how to build them. Called from one
 * test thread.
 */
@NullMarked
package io.sheepdog.integration.qemu;

import org.jspecify.annotations.NullMarked;

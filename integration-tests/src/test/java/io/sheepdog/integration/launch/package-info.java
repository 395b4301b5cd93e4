/**
 * The launchers in {@code bin/} and the scripts in {@code script/}, run as an operator runs them.
 *
 * <p>Each test has a {@link io.sheepdog.integration.process.Host} of its own, where every port is
 * free. {@link io.sheepdog.integration.launch.Jdk} lists the JDKs that the launchers are tried on.
 */
@NullMarked
package io.sheepdog.integration.launch;

import org.jspecify.annotations.NullMarked;

/**
 * External commands and the isolated machines they run on.
 *
 * <p>Start at {@link io.sheepdog.integration.process.Host}: a network and process namespace of its
 * own in which every port is free and whose processes all end with the test JVM. {@link
 * io.sheepdog.integration.process.Shell} runs the lines an operator would type there. Everything
 * here is called from one test thread.
 */
@NullMarked
package io.sheepdog.integration.process;

import org.jspecify.annotations.NullMarked;

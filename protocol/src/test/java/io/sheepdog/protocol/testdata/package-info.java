/**
 * Recorded facts as test data: the placement vectors and the golden wire traces, and a small JSON
 * reader for both.
 *
 * <p>Start from {@link io.sheepdog.protocol.testdata.GoldenTraces}. Other modules reach this
 * package through the test-jar of this module. Everything is stateless and immutable.
 */
@NullMarked
package io.sheepdog.protocol.testdata;

import org.jspecify.annotations.NullMarked;

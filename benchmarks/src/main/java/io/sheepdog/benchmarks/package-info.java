/** Micro benchmarks (JMH) and whole-system benchmarks with latency histograms. */
@NullMarked
package io.sheepdog.benchmarks;

import org.jspecify.annotations.NullMarked;

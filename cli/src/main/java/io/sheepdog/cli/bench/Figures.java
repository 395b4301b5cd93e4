package io.sheepdog.cli.bench;

import org.HdrHistogram.Histogram;

/**
 * What was measured.
 *
 * @param load what was done
 * @param depth requests under way
 * @param nanos how long all of it took, a flush at the end included
 * @param micros times from sending a request to having its answer, in microseconds
 */
record Figures(Load load, int depth, long nanos, Histogram micros) {
  private static final double NANOS = 1e9;

  double seconds() {
    return nanos / NANOS;
  }

  double perSecond() {
    return requests() / seconds();
  }

  double bytesPerSecond() {
    return perSecond() * load.block();
  }

  long requests() {
    return micros.getTotalCount();
  }

  long percentile(double percent) {
    return micros.getValueAtPercentile(percent);
  }
}

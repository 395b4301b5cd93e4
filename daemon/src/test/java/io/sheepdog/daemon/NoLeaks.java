package io.sheepdog.daemon;

import io.netty.util.LeakPresenceDetector;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a Netty buffer unreleased; the detector is chosen by a system property
 * in the pom.
 */
public final class NoLeaks implements AfterEachCallback {
  @Override
  public void afterEach(ExtensionContext context) {
    Awaitility.await().untilAsserted(LeakPresenceDetector::check);
  }
}

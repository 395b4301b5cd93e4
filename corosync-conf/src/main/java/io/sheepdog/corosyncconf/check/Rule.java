package io.sheepdog.corosyncconf.check;

import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.corosyncconf.text.ConfText;

/** Looks for some kind of mistake in a file whose sections are clear. */
interface Rule {
  /** Adds what it finds. */
  void check(ConfText text, LocalHost host, Findings findings);
}

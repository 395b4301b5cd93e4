package io.sheepdog.daemon.corosync;

import io.sheepdog.nativebindings.group.Group;
import io.sheepdog.nativebindings.group.GroupListener;
import java.io.IOException;

/** Connects to the process group. */
interface GroupOpener {
  /** Connects, without joining; the listener hears the rest, on a thread of the group. */
  Group open(GroupListener listener) throws IOException;
}

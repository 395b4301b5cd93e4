@NullMarked
package io.sheepdog.daemon.corosync;

import org.jspecify.annotations.NullMarked;

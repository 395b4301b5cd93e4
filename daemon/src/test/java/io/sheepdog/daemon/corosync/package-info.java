/**
 * Tests of the corosync driver: the contract of drivers on real corosync, and what happens in an
 * order that a seed decides on a fake one.
 */
@NullMarked
package io.sheepdog.daemon.corosync;

import org.jspecify.annotations.NullMarked;

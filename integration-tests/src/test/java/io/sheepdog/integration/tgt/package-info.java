/**
 * iSCSI for free: Debian's {@code tgtd} holds a sheepdog client of its own, so every iSCSI
 * initiator - today's QEMU among them - reaches a VDI through it. Called from one test thread.
 */
@NullMarked
package io.sheepdog.integration.tgt;

import org.jspecify.annotations.NullMarked;

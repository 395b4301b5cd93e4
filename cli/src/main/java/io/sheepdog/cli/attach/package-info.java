/**
 * {@code vdi attach}: what QEMU, libvirt, Linux and libnbd are told so that they use a VDI by NBD.
 *
 * <p>Start at {@link io.sheepdog.cli.attach.VdiAttachCommand}. {@link io.sheepdog.cli.attach.Place}
 * is where the server listens, {@link io.sheepdog.cli.attach.AttachLines} puts it into the words of
 * each program. Nothing is attached here.
 */
@NullMarked
package io.sheepdog.cli.attach;

import org.jspecify.annotations.NullMarked;

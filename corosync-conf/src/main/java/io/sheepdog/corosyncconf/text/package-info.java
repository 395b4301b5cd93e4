/**
 * The text of a corosync.conf: read within bounds, taken apart as corosync does it, and put
 * together again byte for byte. Start at {@link
 * io.sheepdog.corosyncconf.text.ConfText#parse(byte[])}.
 *
 * <p>The grammar is that of corosync 3.1 (corosync.conf(5), and what {@code corosync -t} of 3.1.7
 * was seen to accept): a line is a comment if its first letter is a number sign, opens a section if
 * it has an opening brace anywhere, else is a key and a value if it has a colon, else closes a
 * section. There are no comments after a value and no quotes.
 *
 * <p>All values are immutable and may be shared between threads.
 */
@NullMarked
package io.sheepdog.corosyncconf.text;

import org.jspecify.annotations.NullMarked;

package PVE::Storage;

# As much of Proxmox VE's module as a storage plugin asks for.

use strict;
use warnings;

our $version = 13;

sub APIVER { return $version }

1;

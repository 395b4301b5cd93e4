package PVE::Storage::Plugin;

# Stands in for the base class of storage plugins: what SheepdogPlugin.pm calls of it, and a method that fails for each
# that a plugin without a directory has to replace.

use strict;
use warnings;

our @SHARED_STORAGE = ('iscsi', 'nfs', 'rbd');

# As documented: the first vm-VMID-disk-N that is not in the list.
sub get_next_vm_diskname {
    my ($disk_list, $storeid, $vmid, $fmt, $scfg, $add_fmt_suffix) = @_;

    my %taken = map { $_ => 1 } map { m/^(?:vm|base)-\Q$vmid\E-disk-(\d+)$/ ? $1 : () } @$disk_list;
    my $number = 0;
    $number++ while $taken{$number};
    return "vm-$vmid-disk-$number";
}

for my $method (
    qw(api type options parse_volname path filesystem_path create_base clone_image alloc_image free_image list_images
    status activate_storage deactivate_storage activate_volume deactivate_volume volume_size_info volume_resize
    volume_snapshot volume_snapshot_rollback volume_snapshot_delete volume_snapshot_info volume_has_feature)
) {
    no strict 'refs';
    *$method = sub { die "$method works with files only; a plugin replaces it\n" };
}

1;

//! Memory shared with a virtio device.

use core::cell::UnsafeCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};

use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE, PhysAddr};

/// The number of pages: two queues of two areas each.
const COUNT: usize = 4;

#[repr(C, align(4096))]
struct Pages {
    memory: UnsafeCell<[[u8; PAGE_SIZE]; COUNT]>,
    taken: AtomicUsize,
}

// SAFETY: each page is handed out once.
unsafe impl Sync for Pages {}

static PAGES: Pages =
    Pages { memory: UnsafeCell::new([[0; PAGE_SIZE]; COUNT]), taken: AtomicUsize::new(0) };

/// The allocator of pages, which are never freed.
pub(crate) struct SharedMemory;

// SAFETY: the pages are zeroed, aligned and have no other user. Without an MMU, addresses are the
// same for the device and the program, and the emulator keeps memory coherent.
unsafe impl Hal for SharedMemory {
    fn dma_alloc(count: usize, _: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        let first = PAGES.taken.load(Ordering::Relaxed);
        assert!(first + count <= COUNT, "no page left");
        PAGES.taken.store(first + count, Ordering::Relaxed);
        let memory = NonNull::from(&PAGES.memory).cast::<[u8; PAGE_SIZE]>();
        // SAFETY: the page is inside the memory.
        let page = unsafe { memory.add(first) }.cast::<u8>();
        (page.addr().get() as PhysAddr, page)
    }

    unsafe fn dma_dealloc(_: PhysAddr, _: NonNull<u8>, _: usize) -> i32 {
        0
    }

    unsafe fn mmio_phys_to_virt(_: PhysAddr, _: usize) -> NonNull<u8> {
        unreachable!("for PCI alone")
    }

    unsafe fn share(buffer: NonNull<[u8]>, _: BufferDirection) -> PhysAddr {
        buffer.addr().get() as PhysAddr
    }

    unsafe fn unshare(_: PhysAddr, _: NonNull<[u8]>, _: BufferDirection) {}
}

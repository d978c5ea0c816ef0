//! Frames: caps in both directions, and ends that are told apart.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
use super::*;
use proptest::prelude::*;
use tokio::io::{AsyncWriteExt, duplex};

#[tokio::test]
async fn frames_arrive_whole_and_end_in_order() {
    let (here, there) = duplex(7);
    let send = async {
        let mut write = FrameWriter::new(here, 64);
        for frame in ["one", "", "three is longer than the pipe"] {
            write.send(frame).await.unwrap();
        }
    };
    let receive = async {
        let mut read = FrameReader::new(there, 64);
        let mut got = Vec::new();
        while let Some(frame) = read.next().await.unwrap() {
            got.push(String::from_utf8(frame.to_vec()).unwrap());
        }
        got
    };
    let ((), got) = tokio::join!(send, receive);
    assert_eq!(got, ["one", "", "three is longer than the pipe"]);
}

#[tokio::test]
async fn a_frame_over_the_cap_is_told_apart() {
    let (mut here, there) = duplex(64);
    here.write_all(&65_u32.to_be_bytes()).await.unwrap();
    let mut read = FrameReader::new(there, 64);
    assert!(matches!(read.next().await, Err(FrameError::TooBig { cap: 64 })));
    let sent = FrameWriter::new(here, 3).send("four").await;
    assert!(matches!(sent, Err(FrameError::TooBig { cap: 3 })));
}

#[tokio::test]
async fn an_end_inside_a_frame_is_broken() {
    let (mut here, there) = duplex(64);
    here.write_all(&[0, 0, 0, 9, 1]).await.unwrap();
    drop(here);
    let read = FrameReader::new(there, 64).next().await;
    assert!(matches!(read, Err(FrameError::Broken(_))), "{read:?}");
}

#[tokio::test(start_paused = true)]
async fn a_writer_does_not_wait_for_ever() {
    let (here, _there) = duplex(8);
    let sent = FrameWriter::new(here, 64).send(vec![0; 32]).await;
    assert!(matches!(sent, Err(FrameError::Stuck)));
}

proptest! {
    #[test]
    fn no_bytes_panic_and_no_frame_passes_the_cap(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut read = FrameReader::new(bytes.as_slice(), 64);
            while let Ok(Some(frame)) = read.next().await {
                assert!(frame.len() <= 64);
            }
        });
    }
}

//! The identifiers that tell connections apart.

use crate::support::{accept, in_real_time, listener};

#[test]
fn each_connection_has_an_id_of_its_own_and_both_halves_know_it() {
    in_real_time(async {
        let listener = listener().await;
        let (first, client) = accept(&listener).await;
        let (second, _) = accept(&listener).await;
        let mut ids = [first.id(), client.id(), second.id()];
        ids.sort_unstable();
        assert!(ids[0] < ids[1] && ids[1] < ids[2], "{ids:?}");
        let id = first.id();
        let (reader, writer) = first.split();
        assert_eq!((reader.id(), writer.id()), (id, id));
        assert_eq!(reader.reunite(writer).unwrap().id(), id);
    });
}

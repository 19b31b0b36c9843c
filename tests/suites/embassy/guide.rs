//! The whole program of the guide, which is built as a board's firmware.

const GUIDE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../embassy-listener/README.md"));

macro_rules! hello {
    ($file:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../embassy-listener/boards/hello/",
            $file
        ))
    };
}

/// The code blocks of this kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let opening = format!("\n```{kind}\n");
    let after = GUIDE.split(opening.as_str()).skip(1);
    after.map(|block| block.split("\n```\n").next().unwrap()).collect()
}

#[test]
fn the_guides_program_is_the_one_that_is_built() {
    let [program] = blocks("rs")[..] else { panic!("one program") };
    assert_eq!(program, hello!("src/main.rs").trim_end());
}

#[test]
fn the_guides_manifest_is_the_one_that_is_built_with() {
    let [manifest] = blocks("toml")[..] else { panic!("one manifest") };
    let lines = |text: &'static str| text.lines().filter(|line| !line.is_empty());
    let mut built = lines(hello!("Cargo.toml"));
    for line in lines(manifest) {
        assert!(built.any(|other| other == line), "{line}");
    }
}

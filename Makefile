# All a newcomer needs. Each target is a script or a line that can be read.

.PHONY: run build test check bench screenshots documents fmt

# Builds everything and starts the server on http://127.0.0.1:8080.
run: build
	target/release/parlor serve --data-dir ./data

# Builds the page and the program target/release/parlor.
build:
	scripts/build

# Runs every test; installs the tools it needs, as root on Debian.
test:
	scripts/test

# Runs every check that is not a test: form, lints, documentation, dependencies, structure.
check:
	scripts/check

# Measures the program under load.
bench: build
	TMPDIR=$(CURDIR)/target scripts/with-postgres cargo run --release --locked -p parlor-bench -- \
		--database sqlite,postgres --json target/bench.json

# Makes the pictures of the documentation with the program in a browser; installs the browser and
# the fonts it needs, as root on Debian.
screenshots:
	scripts/screenshots

# Makes what is generated from the code: settings, API descriptions, the page's types.
documents:
	scripts/documents

# Brings the code into its form.
fmt:
	cargo fmt --all

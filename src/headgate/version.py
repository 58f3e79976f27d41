"""The version of Headgate."""

VERSION = "0.1.0"

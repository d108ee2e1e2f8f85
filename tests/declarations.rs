//! declarations

// SPDX-License-Identifier: MIT
pragma solidity 0.8.25;

interface Token {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

/// One escrow for everybody: no owner, no upgrade, no pause.
///
/// A payer deposits BTT and signs vouchers off the chain: "I owe this payee so much in all". A payee redeems the newest
/// voucher of many payers in one transaction, into its own deposit or its wallet. A payer leaves through a delay in which
/// vouchers still reach what is leaving.
///
/// What one account holds here, `free` and `exiting`, and what each pair has settled, `paid`, only ever change together
/// with money: the contract's token balance is at least the sum of all accounts.
contract BttEscrow {
    /// A promise as it is redeemed. The payee is whoever sends the transaction.
    struct Voucher {
        address payer;
        uint256 cumulative; // base units, all that payer ever promised the payee
        bytes32 r;
        bytes32 vs;         // s, with the parity of the signature in the top bit
    }

    uint64 public constant EXIT_DELAY = 7 days;

    /// Half the order of secp256k1: of the two forms of a signature only the low one counts.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    bytes32 private constant VOUCHER_TYPE = keccak256("Voucher(address payer,address payee,uint256 cumulative)");

    Token public immutable token;
    uint256 private immutable deployedChain;
    bytes32 private immutable deployedDomain;

    /// Base units in one word: below 2^128 what is free, for vouchers and exits to take; above it what is exiting, which
    /// vouchers may take until finishExit. All BTT there is needs 110 bits, so sums stay below 2^128.
    mapping(address => uint256) private accounts;
    mapping(address => uint64) private readyAt;
    mapping(address => mapping(address => uint256)) private settledBy; // payee, payer: base units in all

    event Deposited(address indexed from, address indexed account, uint256 amount);
    /// One for a whole call, because one for each voucher would cost as much as checking it. Entries are zero for
    /// vouchers that paid nothing.
    event Redeemed(address indexed payee, address[] payers, uint256[] amounts);
    event Bounced(address indexed payer, address indexed payee, uint256 missing);
    event ExitStarted(address indexed account, uint256 exiting, uint64 readyAt);
    event ExitCancelled(address indexed account, uint256 amount);
    event ExitFinished(address indexed account, uint256 amount);

    constructor(Token token_) {
        token = token_;
        deployedChain = block.chainid;
        deployedDomain = separator();
    }

    /// The hash that binds signatures to this contract on this chain, also after the chain has split.
    function domain() public view returns (bytes32) {
        return block.chainid == deployedChain ? deployedDomain : separator();
    }

    function separator() private view returns (bytes32) {
        // TRON's chain id is the genesis block's hash, of which signatures bind the last four bytes (TIP-474).
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("BTT Bandwidth Escrow"),
                keccak256("1"),
                block.chainid & 0xffffffff,
                address(this)
            )
        );
    }

    /// What an account holds and when its exit may be finished, 0 if none was ever started.
    function stateOf(address account) external view returns (uint256 free, uint256 exiting, uint256 ready) {
        (free, exiting) = unpack(accounts[account]);
        ready = readyAt[account];
    }

    function unpack(uint256 account) private pure returns (uint256 free, uint256 exiting) {
        return (uint128(account), account >> 128);
    }

    function pack(uint256 free, uint256 exiting) private pure returns (uint256) {
        return exiting << 128 | free;
    }

    /// What the payer of a voucher signs.
    function digest(address payer, address payee, uint256 cumulative) external view returns (bytes32) {
        return keccak256(
            abi.encodePacked("\x19\x01", domain(), keccak256(abi.encode(VOUCHER_TYPE, payer, payee, cumulative)))
        );
    }

    /// Moves amount from the sender, who has approved it, into any account.
    function deposit(address account, uint128 amount) external {
        require(account != address(0) && amount > 0, "nothing");
        accounts[account] += amount;
        emit Deposited(msg.sender, account, amount);
        require(token.transferFrom(msg.sender, address(this), amount), "token");
    }

    /// What a payee has redeemed from a payer in all, in base units.
    function paid(address payer, address payee) external view returns (uint256) {
        return settledBy[payee][payer];
    }

    /// Redeems vouchers to the sender. One that is stale or empty pays nothing and spoils nothing; one that the payer
    /// did not sign, or signed for another payee, contract or chain, reverts.
    function redeem(Voucher[] calldata vouchers, bool withdraw) external returns (uint256 total) {
        mapping(address => uint256) storage settled = settledBy[msg.sender];
        address[] memory payers = new address[](vouchers.length);
        uint256[] memory amounts = new uint256[](vouchers.length);
        // The two preimages of digest(), made once; each voucher writes its payer, its sum and the inner hash.
        bytes memory inner = abi.encode(VOUCHER_TYPE, address(0), msg.sender, uint256(0));
        bytes memory outer = abi.encodePacked("\x19\x01", domain(), bytes32(0));
        for (uint256 i; i < vouchers.length; ++i) {
            Voucher calldata v = vouchers[i];
            (address payer, uint256 cumulative) = (v.payer, v.cumulative);
            uint256 before = settled[payer];
            if (cumulative <= before) continue;
            bytes32 signed;
            assembly ("memory-safe") {
                mstore(add(inner, 0x40), payer)
                mstore(add(inner, 0x80), cumulative)
                mstore(add(outer, 0x42), keccak256(add(inner, 0x20), 0x80))
                signed := keccak256(add(outer, 0x20), 0x42)
            }
            require(payer == signer(signed, v.r, uint256(v.vs)) && payer != address(0), "signature");
            require(payer != msg.sender, "self");
            unchecked { // cumulative > before; what is taken was in accounts, and before + pay <= cumulative
                uint256 pay = take(payer, cumulative - before);
                if (pay == 0) continue;
                settled[payer] = before + pay;
                (payers[i], amounts[i]) = (payer, pay);
                total += pay;
            }
        }
        if (total == 0) return 0;
        emit Redeemed(msg.sender, payers, amounts);
        if (withdraw) require(token.transfer(msg.sender, total), "token");
        else accounts[msg.sender] += total;
    }

    /// Who signed, or zero; only the low one of the two forms of a signature counts.
    function signer(bytes32 signed, bytes32 r, uint256 vs) private pure returns (address) {
        uint256 s = vs & (type(uint256).max >> 1);
        if (s > HALF_ORDER) return address(0);
        return ecrecover(signed, uint8(27 + (vs >> 255)), r, bytes32(s));
    }

    /// Takes due from the payer's account, first from what is free. What is not there stays claimable.
    function take(address payer, uint256 due) private returns (uint256) {
        uint256 account = accounts[payer];
        (uint256 free, uint256 exiting) = unpack(account);
        unchecked { // each subtraction is guarded by its comparison
            if (due <= free) {
                accounts[payer] = account - due;
                return due;
            }
            if (due <= free + exiting) {
                accounts[payer] = pack(0, free + exiting - due);
                return due;
            }
            emit Bounced(payer, msg.sender, due - free - exiting);
            if (account != 0) accounts[payer] = 0;
            return free + exiting;
        }
    }

    /// Begins to leave with amount. The delay begins anew for all that is already leaving.
    function startExit(uint128 amount) external {
        (uint256 free, uint256 exiting) = unpack(accounts[msg.sender]);
        require(amount > 0 && amount <= free, "nothing");
        accounts[msg.sender] = pack(free - amount, exiting + amount);
        uint64 ready = uint64(block.timestamp) + EXIT_DELAY;
        readyAt[msg.sender] = ready;
        emit ExitStarted(msg.sender, exiting + amount, ready);
    }

    /// Makes what is leaving free again.
    function cancelExit() external {
        (uint256 free, uint256 exiting) = unpack(accounts[msg.sender]);
        require(exiting > 0, "nothing");
        accounts[msg.sender] = pack(free + exiting, 0);
        emit ExitCancelled(msg.sender, exiting);
    }

    /// Pays out what is leaving, to the account itself.
    function finishExit() external {
        (uint256 free, uint256 exiting) = unpack(accounts[msg.sender]);
        require(exiting > 0, "nothing");
        require(block.timestamp >= readyAt[msg.sender], "early");
        accounts[msg.sender] = pack(free, 0);
        emit ExitFinished(msg.sender, exiting);
        require(token.transfer(msg.sender, exiting), "token");
    }
}
